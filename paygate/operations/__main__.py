"""`python -m paygate.operations` is the command line too."""

from paygate.operations.cli import main

main()

"""The keys of programs: user names and passwords for the APIs, and from where they may be used."""

"""Tests of what the simulators stand on."""

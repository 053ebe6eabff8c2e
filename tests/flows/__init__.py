"""Whole stories, through the doors the users take."""

"""What somebody must look at, from when it was found until it is well again."""

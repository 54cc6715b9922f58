"""The databases that tests run on: a file, and a server that the test run starts itself."""

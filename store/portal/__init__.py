"""What each page of the portal shows, one module per page, each in a few queries at any size."""

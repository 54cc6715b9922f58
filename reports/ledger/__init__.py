"""What a company's statements say, account by account and month by month, in categories."""

"""The whole system, started by one command and used from outside: as a bank, a customer, an operator."""

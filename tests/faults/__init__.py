"""What lies between the processes fails for a while: the network, the disk, the clock."""

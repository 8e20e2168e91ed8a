"""What telephony says of its calls: sans-I/O."""

"""What the outside calls: parse, one service call, shape the answer."""

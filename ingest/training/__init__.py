"""What the weights of the package are learned with; the product never imports it."""

"""What several measurements stand on: wires, processes and material, without figures of their own."""

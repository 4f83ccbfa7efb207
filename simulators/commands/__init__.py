"""The verbs that the simulators add to `borderlane`."""

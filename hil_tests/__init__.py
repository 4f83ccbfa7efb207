"""The roles' suites and the pytest plugin that takes a bench file: the same promises, asked of a simulator
or of real hardware."""

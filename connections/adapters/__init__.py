"""The booking systems that can be connected, a file or folder each; their form: `adapter`."""

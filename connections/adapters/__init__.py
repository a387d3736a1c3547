"""The booking systems that can be connected, one file each; the form of such a file: `adapter`."""

"""The checks of `license-desk doctor`, one file per subject. They read, and change nothing."""

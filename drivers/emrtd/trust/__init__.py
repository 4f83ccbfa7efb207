"""What a lane trusts, and where it comes from: lists, certificates, CRLs, and the one file they end up in."""

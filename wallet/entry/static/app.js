// On every page of an open wallet.

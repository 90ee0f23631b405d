/** The mode of a file that belongs to its owner alone. Whatever the umask takes away, nobody else can use it. */
export const OWN_FILE = 0o600;

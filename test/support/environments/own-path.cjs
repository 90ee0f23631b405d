/**
 * Preloaded into Node under an emulator: it knows the path of a program that this machine cannot run, so processes that it starts by it go through
 * the script that started it.
 */
process.execPath = process.env.SHMGEN_EMULATED_NODE ?? process.execPath;

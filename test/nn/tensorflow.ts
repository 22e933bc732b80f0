/** Folder of a native runtime for tests that need TensorFlow; they are skipped, saying so, where there is none. */
export const runtimeDir = process.env['ERS_TEST_RUNTIME'];

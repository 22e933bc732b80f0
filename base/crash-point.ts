/**
 * A named instant at which a test may kill this process (`ERS_TEST_CRASH_AT=name`), as a power cut would:
 * no handler runs, nothing is flushed. Costs one look-up otherwise.
 */
export function crashPoint(name: string): void {
  if (process.env['ERS_TEST_CRASH_AT'] === name) process.kill(process.pid, 'SIGKILL');
}

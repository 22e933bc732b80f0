/** Every exit code of `ers`, here and nowhere else. */
export const exitCodes = {
  ok: 0,
  /** A stage failed, or `verify` found damage. */
  failed: 1,
  /** The command line, pipeline.yaml, config.yaml or an input is wrong; nothing was run. */
  usage: 2,
  /** Ctrl-C, SIGTERM or SIGHUP; the usual 128 + SIGINT. */
  interrupted: 130,
} as const;

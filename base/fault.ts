/** Where a fault lies. Lines and columns count from 1, pixels from 0. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly pixel?: { readonly x: number; readonly y: number };
}

/**
 * Every code a user can meet, listed in docs/faults.md. A code never changes its meaning.
 * Add here first: an unknown code does not compile.
 */
export const faultCodes = [
  // definition: pipeline.yaml and config.yaml
  'ERS_YAML',
  'ERS_SCHEMA',
  'ERS_UNKNOWN_KEY',
  'ERS_UNUSED_KEY',
  'ERS_UNKNOWN_STAGE',
  'ERS_UNKNOWN_USES',
  'ERS_UNKNOWN_OUT',
  'ERS_UNKNOWN_PARAM',
  'ERS_CYCLE',
  'ERS_OUT_PATH',
  'ERS_OUT_CLASH',
  'ERS_STAGE_BUILD',
  'ERS_STAGE_DEFINITION',
  'ERS_USAGE',
  // running
  'ERS_INPUT_MISSING',
  'ERS_FETCH',
  'ERS_INPUT_CHANGED',
  'ERS_INPUT_KIND',
  'ERS_OUT_MISSING',
  'ERS_OUT_KIND',
  'ERS_OUT_UNDECLARED',
  'ERS_STAGE_FAILED',
  'ERS_STAGE_CRASHED',
  'ERS_STAGE_TIMEOUT',
  'ERS_RESOURCES',
  'ERS_FROZEN',
  'ERS_NOT_ACCEPTED',
  'ERS_NOT_DETERMINISTIC',
  'ERS_DISK_FULL',
  'ERS_STORE_READ_ONLY',
  'ERS_STORE_DAMAGED',
  'ERS_PROJECT_UNREADABLE',
  'ERS_CODE_DAMAGED',
  'ERS_EXPERIMENT_DAMAGED',
  'ERS_BUILD',
  // data
  'ERS_DATASET_EMPTY',
  'ERS_IMAGE_WITHOUT_MASK',
  'ERS_MASK_WITHOUT_IMAGE',
  'ERS_SIZE_MISMATCH',
  'ERS_MASK_VALUE',
  'ERS_MASK_FORMAT',
  'ERS_IMAGE_FORMAT',
  'ERS_DECODE',
  'ERS_TOO_FEW_MASKS',
  'ERS_CLASS_TABLE',
  'ERS_PATTERN',
  // training
  'ERS_BATCH_TOO_SMALL',
  'ERS_LOSS_NOT_FINITE',
  'ERS_WEIGHTS',
  'ERS_SHARD',
  // native runtime
  'ERS_RUNTIME_PLATFORM',
  'ERS_RUNTIME_TOOL_MISSING',
  'ERS_RUNTIME_DISK',
  'ERS_RUNTIME_FETCH',
  'ERS_RUNTIME_DAMAGED',
  'ERS_RUNTIME_BUILD',
] as const;

export type FaultCode = (typeof faultCodes)[number];

/** Something the user (or the user's machine) has to mend. A value, never thrown past a room's door. */
export interface Fault {
  readonly code: FaultCode;
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  readonly place?: Place;
  /** A second place where two things clash. */
  readonly also?: Place;
  /** What to do about it. */
  readonly hint?: string;
  /** Of what its stage was given, where only the stage sees that it is wrong: the engine finds its line in the config. */
  readonly about?: { readonly param: readonly (string | number)[] } | { readonly input: string };
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(...faults: readonly Fault[]): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults };
}

/** Carries faults out of a deep call; caught at the room's door and turned back into a `Result`. */
export class FaultError extends Error {
  readonly faults: readonly Fault[];
  constructor(...faults: readonly Fault[]) {
    super(faults.map((fault) => `${fault.code}: ${fault.message}`).join('\n'));
    this.name = 'FaultError';
    this.faults = faults;
  }
}

/** Runs `work` and turns a thrown `FaultError` into a failed result; bugs keep flying. */
export async function settle<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof FaultError) return fail(...error.faults);
    throw error;
  }
}

/** `pipeline.yaml:3:7`, or `mask.png, pixel (4, 9)`. */
export function sayPlace(place: Place): string {
  const line = place.line === undefined ? '' : `:${place.line}`;
  const column = place.column === undefined ? '' : `:${place.column}`;
  const pixel = place.pixel === undefined ? '' : `, pixel (${place.pixel.x}, ${place.pixel.y})`;
  return `${place.file}${line}${column}${pixel}`;
}

/** Where a fault lies, as it stands before its message; nothing where the message begins with the same path. */
export function placeBefore({ place, message }: Fault): string {
  if (place === undefined) return '';
  const said = sayPlace(place);
  return message.startsWith(`${said} `) || message.startsWith(`${said}:`) ? '' : `${said} `;
}

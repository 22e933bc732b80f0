/** Where a fault lies. Lines and columns count from 1, pixels from 0. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly pixel?: {
    readonly x: number;
    readonly y: number;
  };
}
/**
 * Every code a user can meet, listed in docs/faults.md. A code never changes its meaning.
 * Add here first: an unknown code does not compile.
 */
export declare const faultCodes: readonly `ERS_${string}`[];
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
  readonly about?:
    | {
        readonly param: readonly (string | number)[];
      }
    | {
        readonly input: string;
      };
}
export type Result<T> =
  | {
      readonly ok: true;
      readonly value: T;
    }
  | {
      readonly ok: false;
      readonly faults: readonly Fault[];
    };
export declare function ok<T>(value: T): Result<T>;
export declare function fail(...faults: readonly Fault[]): {
  readonly ok: false;
  readonly faults: readonly Fault[];
};
/** Carries faults out of a deep call; caught at the room's door and turned back into a `Result`. */
export declare class FaultError extends Error {
  readonly faults: readonly Fault[];
  constructor(...faults: readonly Fault[]);
}
/** Runs `work` and turns a thrown `FaultError` into a failed result; bugs keep flying. */
export declare function settle<T>(work: () => Promise<T>): Promise<Result<T>>;
/** `pipeline.yaml:3:7`, or `mask.png, pixel (4, 9)`. */
export declare function sayPlace(place: Place): string;
/** Where a fault lies, as it stands before its message; nothing where the message begins with the same path. */
export declare function placeBefore({ place, message }: Fault): string;

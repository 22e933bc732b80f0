import { createInterface } from 'node:readline/promises';
import { short } from '../base/digest.ts';
import { fail } from '../base/fault.ts';
import { acceptance, type Acceptance } from '../engine/why/accept.ts';
import { sayInFull } from '../engine/reasons.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, stagesNamed, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { whileReading } from './while-reading.ts';

export interface AcceptOptions extends PipelineOptions {
  /** Inputs and params that changed and that the result does not depend on. */
  readonly also?: readonly string[];
  readonly yes?: true;
  readonly json?: true;
}

/** `ers accept STAGE`: keeps the present result of a stage although what it was made of changed, after an explicit yes. */
export function acceptCommand(name: string, options: AcceptOptions, io: Io, where: Where): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const also = new Set(options.also ?? []);
    const asked: Acceptance[] = [];
    const say = (line: string): void => {
      if (options.json !== true) io.out(line);
    };
    const looked = await whileReading(project, io, async (read) => {
      const current: string[] = [];
      for (const stage of stagesNamed([name], project.pipeline)) {
        const answer = orThrow(await acceptance(read, stage, also));
        if (answer === 'current') current.push(stage);
        else asked.push(answer);
      }
      return () => {
        for (const stage of current) say(`${stage} is current: there is nothing to accept`);
        return exitCodes.ok;
      };
    });
    if (looked !== exitCodes.ok) return looked;
    for (const { stage, reasons, from } of asked) {
      say(`${stage}@${short(from)} was made before this changed:`);
      for (const line of reasons.flatMap(sayInFull)) say(`  ${line}`);
    }
    const isYes = asked.length === 0 || options.yes === true || (await ask(io));
    for (const { keep } of isYes ? asked : []) keep((text) => io.err(text));
    const accepted = asked.map(({ stage, from, key }) => ({ stage, from, key }));
    if (options.json === true) io.out(JSON.stringify({ accepted: isYes ? accepted : [] }, undefined, 2));
    for (const { stage } of asked)
      say(isYes ? `${stage} is accepted: its result stands` : `${stage} is left as it was`);
    return isYes ? exitCodes.ok : exitCodes.failed;
  });
}

/** Only a terminal can be asked. */
async function ask(io: Io): Promise<boolean> {
  if (!io.interactive || !process.stdin.isTTY) {
    return orThrow<never>(
      fail({
        code: 'ERS_USAGE',
        message: 'ers accept asks before it keeps a result, and there is no terminal to ask in.',
        hint: 'Give --yes if that is what you want.',
      }),
    );
  }
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await reader.question(
      'Keep the result as if it had been made of what is there now? [y/N] ',
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}

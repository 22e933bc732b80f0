import type { Fault } from '../base/fault.ts';
import { unreachable } from '../base/unreachable.ts';
import type { HashFailure } from './hash-file.ts';
import type { Problem } from './listing.ts';
import { sayName } from './names.ts';

/** Why a path cannot be an input, as the user is told it. */
export function problemFault(root: string, { path, problem }: Problem): Fault {
  const file = sayName(path === '' ? root : `${root}/${path}`);
  const place = { file };
  switch (problem) {
    case 'loop':
      return {
        code: 'ERS_INPUT_KIND',
        message: `${file} is a link that leads back to itself or to a folder above it; an input must end somewhere.`,
        place,
        hint: 'Remove the link, or name a folder without it as the input.',
      };
    case 'fifo':
    case 'socket':
    case 'device':
      return {
        code: 'ERS_INPUT_KIND',
        message: `${file} is a ${problem === 'fifo' ? 'FIFO' : problem}; an input must be a file or a folder of files.`,
        place,
        hint: 'Move it out of the input folder.',
      };
    case 'dangling':
      return {
        code: 'ERS_INPUT_MISSING',
        message: `${file} is a link to a file that is not there.`,
        place,
        hint: 'Restore what it points to, or remove the link.',
      };
    case 'too-long':
      return {
        code: 'ERS_INPUT_KIND',
        message: `${file.slice(0, 80)}… is a path of ${file.length} characters, longer than the system can open.`,
        place: { file: root },
        hint: 'Shorten the names of its folders, or move it out of the input folder.',
      };
    case 'vanished':
      return failureFault(root, path, 'gone');
    case 'unreadable':
      return failureFault(root, path, 'unreadable');
    default:
      return unreachable(problem);
  }
}

/** Why a file could not be hashed, `path` being relative to `root`. */
export function failureFault(root: string, path: string, failure: HashFailure): Fault {
  const file = sayName(path === '' ? root : `${root}/${path}`);
  if (failure === 'unreadable') {
    return {
      code: 'ERS_INPUT_KIND',
      message: `${file} cannot be read; an input must be readable.`,
      place: { file },
      hint: 'Check its permissions and those of the folders above it (ls -l).',
    };
  }
  return {
    code: 'ERS_INPUT_CHANGED',
    message: `${file} ${failure === 'gone' ? 'was removed' : 'changed'} while it was read.`,
    place: { file },
    hint: 'Wait until nothing writes to it and run again.',
  };
}

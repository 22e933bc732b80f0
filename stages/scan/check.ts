import type { ParamFault } from '../../engine/stage.ts';
import type { ClassRow } from '../class-table.ts';
import { checkClasses } from './classes.ts';
import { parsePattern, type Pattern } from './pattern.ts';

/** What the schema cannot say of the class table and the patterns. */
export function check({ names, classes }: ScanParams): readonly ParamFault[] {
  return [...checkNames(names), ...checkClasses(classes)];
}

interface ScanParams {
  readonly names: { readonly images: string; readonly masks: string };
  readonly classes: readonly ClassRow[];
}

const pathOf = {
  'names.images': ['names', 'images'],
  'names.masks': ['names', 'masks'],
} as const satisfies Record<Pattern['key'], readonly string[]>;

function checkNames({ images, masks }: ScanParams['names']): readonly ParamFault[] {
  const faults = [...faultsOf('names.images', images), ...faultsOf('names.masks', masks)];
  if (faults.length > 0 || images !== masks) return faults;
  return [
    {
      path: pathOf['names.masks'],
      other: pathOf['names.images'],
      code: 'ERS_PATTERN',
      message: `names.images and names.masks are both "${masks}": nothing tells an image from a mask.`,
      hint: 'Name another folder, ending or suffix for the masks, e.g. annotations/{name}_mask.png.',
    },
  ];
}

function faultsOf(key: Pattern['key'], text: string): readonly ParamFault[] {
  const parsed = parsePattern(key, text);
  return parsed.ok ? [] : parsed.faults.map((fault) => asParamFault(fault, key));
}

function asParamFault({ code, message, hint }: ParsedFault, key: Pattern['key']): ParamFault {
  return { path: pathOf[key], code, message, ...(hint === undefined ? {} : { hint }) };
}

type ParsedFault = Pick<ParamFault, 'code' | 'message' | 'hint'>;

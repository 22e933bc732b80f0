import type { Around, ParamFault, ParamPath } from '../../../engine/stage.ts';

/** A key that only some setting of its group makes anything of. */
interface Reader {
  readonly key: string;
  readonly setting: ParamPath;
  /** The setting as it is. */
  readonly value: string | number;
  readonly isRead: boolean;
  readonly reader: string;
  readonly way: string;
}

export interface Settings {
  readonly loss: { readonly focal: number; readonly tversky: number };
  readonly optimizer: { readonly name: string };
  readonly schedule: { readonly name: string };
}

/**
 * Keys that the config's file states and that nothing reads (no config says what does not happen). One of an option or a matrix is
 * meant for some of several experiments or members, such as `-S optimizer.name=sgd,adam -S optimizer.momentum=0.95`. One of the
 * file stays where an option or a matrix chose the setting: it cannot take a line away.
 */
export function checkUnused(params: Settings, statedBy: Around['statedBy']): readonly ParamFault[] {
  return readersOf(params).flatMap(({ key, setting, value, isRead, reader, way }): readonly ParamFault[] => {
    const path = [...setting.slice(0, -1), key];
    if (isRead || statedBy(path) !== 'config' || statedBy(setting) === 'other') return [];
    return [
      {
        path,
        unread: true,
        ...(statedBy(setting) === undefined ? {} : { other: setting }),
        code: 'ERS_SCHEMA',
        message: `\`${path.join('.')}\` would do nothing: only ${reader} reads it, and \`${setting.join('.')}\` is ${value}.`,
        hint: `Take \`${key}\` away, or ${way}.`,
      },
    ];
  });
}

function readersOf({ loss, optimizer, schedule }: Settings): readonly Reader[] {
  const ofLoss = (key: string, name: 'focal' | 'tversky', reader: string): Reader => ({
    ...{ key, reader, setting: ['loss', name], value: loss[name], isRead: loss[name] > 0 },
    way: `give \`loss.${name}\` a positive weight`,
  });
  const ofName = (key: string, group: 'optimizer' | 'schedule', value: string, reader: string): Reader => ({
    ...{ key, reader, setting: [group, 'name'], value, isRead: value === reader },
    way: `choose ${reader}`,
  });
  return [
    ofLoss('focal_gamma', 'focal', 'the focal loss'),
    ofLoss('tversky_alpha', 'tversky', 'the Tversky loss'),
    ofLoss('tversky_beta', 'tversky', 'the Tversky loss'),
    ofName('momentum', 'optimizer', optimizer.name, 'sgd'),
    ofName('nesterov', 'optimizer', optimizer.name, 'sgd'),
    ofName('T_max', 'schedule', schedule.name, 'cosine_annealing'),
    ofName('eta_min', 'schedule', schedule.name, 'cosine_annealing'),
    ofName('power', 'schedule', schedule.name, 'polynomial'),
    ofName('pct_start', 'schedule', schedule.name, 'one_cycle'),
  ];
}

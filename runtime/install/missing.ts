import type { Fault } from '../../base/fault.ts';
import { findProgram } from '../machine.ts';

/** A program that an installation lacks. */
export type Missing = 'compiler' | 'python' | 'pip';
export type PackageManager = 'apt' | 'dnf' | 'pacman' | 'zypper' | 'brew' | 'unknown';

const packages: Readonly<Record<PackageManager, Readonly<Record<Missing, string>>>> = {
  apt: { compiler: 'g++', python: 'python3 python3-pip', pip: 'python3-pip' },
  dnf: { compiler: 'gcc-c++', python: 'python3 python3-pip', pip: 'python3-pip' },
  zypper: { compiler: 'gcc-c++', python: 'python3 python3-pip', pip: 'python3-pip' },
  pacman: { compiler: 'gcc', python: 'python python-pip', pip: 'python-pip' },
  brew: { compiler: '', python: 'python', pip: 'python' },
  unknown: { compiler: 'g++', python: 'python3 with pip', pip: 'pip' },
};

const commands: Readonly<Record<Exclude<PackageManager, 'unknown'>, string>> = {
  apt: 'apt-get install',
  dnf: 'dnf install',
  zypper: 'zypper install',
  pacman: 'pacman -S',
  brew: 'brew install',
};

const called: Readonly<Record<Missing, string>> = {
  compiler: 'a C++ compiler (g++)',
  python: 'python3 with pip',
  pip: 'pip for python3',
};

/** One message for all missing programs, with the command that installs them. */
export function missingFault(missing: readonly Missing[], manager: PackageManager): Fault {
  return {
    code: 'ERS_RUNTIME_TOOL_MISSING',
    message: `To install native TensorFlow, ${missing.map((tool) => called[tool]).join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing on this machine.`,
    hint: `${cure(missing, manager)}, then run the command again.`,
  };
}

function cure(missing: readonly Missing[], manager: PackageManager): string {
  const names = missing
    .map((tool) => packages[manager][tool])
    .filter((name) => name !== '')
    .join(' ');
  if (manager === 'unknown') return `Install ${missing.map((tool) => packages.unknown[tool]).join(' and ')}`;
  const install = names === '' ? [] : [`\`${commands[manager]} ${names}\``];
  if (manager !== 'brew') return `Run ${install.join('')} as root`;
  // Apple's compiler comes with its own command.
  return `Run ${[...(missing.includes('compiler') ? ['`xcode-select --install`'] : []), ...install].join(' and ')}`;
}

/** Which package manager this system's users know. */
export function packageManager(): PackageManager {
  if (process.platform === 'darwin') return 'brew';
  const found = findProgram(['apt-get', 'dnf', 'zypper', 'pacman'], '/usr/bin:/bin:/usr/sbin');
  if (found === undefined) return 'unknown';
  if (found.endsWith('apt-get')) return 'apt';
  if (found.endsWith('dnf')) return 'dnf';
  return found.endsWith('zypper') ? 'zypper' : 'pacman';
}

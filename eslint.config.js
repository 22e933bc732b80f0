import js from '@eslint/js';
import ts from 'typescript-eslint';

/**
 * The arrows of docs/architecture.md: what each room may import from its neighbours.
 * A room may always import itself, the leaves `base` and `formats`, Node and npm packages.
 */
const leaves = ['base', 'formats'];
const rooms = ['base', 'formats', 'cache', 'cli', 'engine', 'imaging', 'nn', 'runtime', 'stages', 'ui'];
const arrows = {
  base: [],
  formats: ['base'],
  cache: leaves,
  engine: [...leaves, 'cache'],
  imaging: leaves,
  runtime: leaves,
  nn: [...leaves, 'runtime'],
  ui: [...leaves, 'engine/events', 'engine/reasons'],
  cli: [...leaves, 'engine', 'ui', 'cache', 'runtime'],
};

const forbid = (files, allowed, ignores = []) => ({
  files,
  ignores,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(?!(${allowed.join('|') || '$'})(/|\\.))(${rooms.join('|')})(/|\\.)`,
            message: `This room may import only: ${allowed.join(', ') || 'nothing'} (docs/architecture.md, "Rooms and arrows").`,
          },
        ],
      },
    ],
  },
});

export default ts.config(
  { ignores: ['dist/**', 'node_modules/**', 'artifacts/**', '.ers/**', 'coverage/**'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' },
    },
  },
  ...Object.entries(arrows).map(([room, allowed]) => forbid([`${room}/**/*.{ts,tsx}`], [room, ...allowed])),
  forbid(['stages/*/definition.ts'], [...leaves, 'engine/stage', 'stages']),
  forbid(
    ['stages/**/*.ts'],
    [...leaves, 'engine/stage', 'imaging', 'nn', 'runtime', 'stages'],
    ['stages/*/definition.ts'],
  ),
  {
    files: ['stages/**/*.ts', 'imaging/**/*.ts', 'nn/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'BinaryExpression[operator="**"]',
          message:
            'The bits of ** differ between Node versions; multiply, or use Math.exp/Math.log with rounding.',
        },
        {
          selector: 'MemberExpression[object.name="Math"][property.name=/^(pow|random)$/]',
          message: 'Math.pow differs between Node versions and Math.random has no seed; use base/random.ts.',
        },
        {
          selector: 'ImportExpression[source.type!="Literal"]',
          message: 'A bundler cannot see a computed import, so it would be missing from the key.',
        },
      ],
    },
  },
);

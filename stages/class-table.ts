import Type, { type Static } from 'typebox';

/** One row of the class table of config.yaml: what a pixel value of a mask means. */
export const ClassRow = Type.Object(
  {
    value: Type.Integer({ minimum: 0, maximum: 255, description: 'pixel value in the mask' }),
    name: Type.String({ minLength: 1 }),
    colour: Type.String({
      pattern: '^#[0-9a-fA-F]{6}$',
      title: "a colour such as '#2f6fa8'",
      description: '#rrggbb, quoted, for reports and pictures',
    }),
    ignore: Type.Optional(
      Type.Boolean({ description: 'true: pixels of this class are neither trained nor scored' }),
    ),
  },
  { additionalProperties: false },
);

export const ClassTable = Type.Array(ClassRow, { minItems: 1, maxItems: 255 });

export type ClassRow = Static<typeof ClassRow>;

export type Rgb = readonly [number, number, number];

/** `#2f6fa8` → [47, 111, 168]. The schema has checked the form. */
export function rgbOf(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

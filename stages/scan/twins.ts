import type { Fault } from '../../base/fault.ts';

/**
 * Names that look the same and differ in their bytes: `é` is one character in Unicode's form NFC and two in NFD, which
 * macOS writes. Maps the normal form of a name to the name.
 */
export function byNormalForm(names: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...names].map((name) => [name.normalize('NFC'), name]));
}

/** An image whose mask is there under a name that looks the same. ERS_IMAGE_WITHOUT_MASK. */
export function sayTwin(image: string, mask: string): Fault {
  return {
    code: 'ERS_IMAGE_WITHOUT_MASK',
    message: `The image and the mask ${mask} have names that look the same but differ in their bytes: Unicode's forms NFC and NFD.`,
    place: { file: image },
    also: { file: mask },
    hint: 'Rename all files to one form, e.g. `convmv -r -f utf8 -t utf8 --nfc --notest FOLDER`.',
  };
}

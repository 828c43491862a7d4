import { StromaError } from '@stroma/core/errors';

export function refuseZip(code: string, message: string, found: string, where: string, expected?: string): never {
  throw new StromaError({
    code: `zip.${code}`,
    message,
    expected: expected ?? 'a plain zip of a slide’s files, as an archiver writes it',
    found,
    where,
    remedy: 'Pack the slide’s folder again, or drop the folder itself on the Slides page.',
  });
}

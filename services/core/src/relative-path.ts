const maxPathLength = 1000;
const maxNameBytes = 255;
const maxDepth = 32;

/**
 * Says what is wrong with the path of a file inside a zip or a dropped folder; undefined when it stays inside and can
 * be shown. Paths are `/`-separated and only shown and compared: no file is ever written under one.
 */
export function pathFault(path: string): string | undefined {
  if (path.length > maxPathLength) return `a path of more than ${maxPathLength} characters`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'an absolute path';
  if (/[\p{Cc}\\]/u.test(path)) return 'a control character or a backslash in a path';
  const parts = path.split('/');
  if (parts.includes('..')) return 'a path with “..”';
  if (parts.some((part) => part === '' || part === '.')) return 'a path with an empty part';
  if (parts.length > maxDepth) return `folders nested deeper than ${maxDepth}`;
  const encoder = new TextEncoder();
  if (parts.some((part) => encoder.encode(part).length > maxNameBytes))
    return `a name of more than ${maxNameBytes} bytes`;
  return undefined;
}

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

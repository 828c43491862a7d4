/** A file with the way to it inside what was dropped or chosen, `/`-separated. */
export interface DroppedFile {
  path: string;
  file: File;
}

/** The files of a drop, folders walked to their ends; hidden files are left out. */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return chosenFiles(transfer.files);
  const lists = await Promise.all(entries.map((entry) => walk(entry, '')));
  return lists.flat().filter(visible);
}

/** Of a file dialog; of one for folders the browser says where each file lies. */
export function chosenFiles(files: Iterable<File>): DroppedFile[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })).filter(visible);
}

const visible = ({ path }: DroppedFile) => !path.split('/').some((part) => part.startsWith('.'));

async function walk(entry: FileSystemEntry, folder: string): Promise<DroppedFile[]> {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: DroppedFile[] = [];
  // readEntries answers at most 100 a call; an empty answer is the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return found;
    for (const child of batch) found.push(...(await walk(child, `${path}/`)));
  }
}

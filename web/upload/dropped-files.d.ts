/** A file with the way to it inside what was dropped or chosen, `/`-separated. */
export interface DroppedFile {
  path: string;
  file: File;
}
/** The files of a drop, folders walked to their ends; hidden files are left out. */
export declare function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]>;
/** Of a file dialog; of one for folders the browser says where each file lies. */
export declare function chosenFiles(files: Iterable<File>): DroppedFile[];

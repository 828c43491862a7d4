import type { SlideDetail } from '@stroma/core/http/slide';
import { bytesLabel } from '@stroma/core/units';
import { counted } from '../parts/number-label.ts';
import classes from './panel.module.css';

const roleWord = {
  entry: 'opened first',
  data: 'pixels',
  label: 'label, never shown',
  overview: 'overview, never shown',
  thumbnail: 'thumbnail, never shown',
};

export function filesLabel({ fileCount, bytes }: Pick<SlideDetail, 'fileCount' | 'bytes'>): string {
  return fileCount > 1 ? `${counted(fileCount, 'file')}, ${bytesLabel(bytes)}` : bytesLabel(bytes);
}

/** Of a slide of several files: what each of them is for. */
export function SlideFiles({ files }: Pick<SlideDetail, 'files'>) {
  return (
    <details>
      <summary>What each of the {counted(files.length, 'file')} is for</summary>
      <table className={classes.levels}>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Size</th>
            <th scope="col">Use</th>
          </tr>
        </thead>
        <tbody>
          {files.map(({ path, bytes, role, sha256 }) => (
            <tr key={path} title={`SHA-256 ${sha256}`}>
              <td style={{ overflowWrap: 'anywhere' }}>{path}</td>
              <td>{bytesLabel(bytes)}</td>
              <td>{roleWord[role]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

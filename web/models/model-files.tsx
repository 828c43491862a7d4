import { Anchor } from '@mantine/core';
import type { ModelDetail } from '@stroma/core/http/model';
import { bytesLabel } from '@stroma/core/units';
import { Sha256 } from '../exports/sha256.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';

type ModelFile = ModelDetail['files'][number];

/** Weights, ONNX networks and cards, each with the sum that its bytes must have. */
export function ModelFiles({ model }: { model: ModelDetail }) {
  const columns: Column<ModelFile>[] = [
    {
      title: 'File',
      cell: ({ path }) => (
        <Anchor
          href={`/api/models/${model.runId}/file?path=${encodeURIComponent(path)}`}
          download
          data-testid="model-file"
        >
          {path.replace(/^model\//, '')}
        </Anchor>
      ),
    },
    { title: 'What it is', cell: ({ path }) => <span className="soft">{meaningOf(path)}</span> },
    { title: 'Bytes', number: true, cell: ({ bytes }) => bytesLabel(bytes) },
    { title: 'SHA-256', cell: ({ sha256 }) => <Sha256 value={sha256} /> },
  ];
  if (model.files.length === 0) return <p className="soft">The training left no list of its files.</p>;
  return <ListTable label="Files" columns={columns} rows={model.files} rowKey={({ path }) => path} />;
}

function meaningOf(path: string): string {
  if (path.endsWith('.golden.safetensors')) return 'inputs and outputs to check a copy by';
  if (path.endsWith('.safetensors')) return 'weights, for PyTorch';
  if (path.endsWith('.onnx')) return 'network, for ONNX Runtime';
  if (path.endsWith('.json')) return 'card';
  return '';
}

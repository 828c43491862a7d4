import { Button, Table } from '@mantine/core';
import { cropEvaluation, type Score } from '@stroma/core/contract/crop-evaluation';
import type { RunMessage } from '@stroma/core/http/job';
import { counted } from '../parts/number-label.ts';
import { encoderWord } from './stage-word.ts';

/** What a finished evaluation says in short, and the way to its report. */
export function CropEvaluationView({ run }: { run: RunMessage }) {
  const found = cropEvaluation(run.result);
  if (run.status !== 'succeeded' || !found) return null;
  return (
    <>
      <Table withRowBorders={false} w="auto" data-testid="crop-evaluation">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Encoder</Table.Th>
            <Table.Th>k-NN, balanced accuracy</Table.Th>
            <Table.Th>Linear probe</Table.Th>
            <Table.Th>Fréchet distance, generated</Table.Th>
            <Table.Th>between real halves</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.encoders.map(({ encoder, knn, probe, frechet }) => (
            <Table.Tr key={encoder}>
              <Table.Td>{encoderWord[encoder]}</Table.Td>
              <Table.Td>{scoreLabel(knn)}</Table.Td>
              <Table.Td>{scoreLabel(probe)}</Table.Td>
              <Table.Td>{frechet ? frechet.generated.toPrecision(3) : 'not computed'}</Table.Td>
              <Table.Td>
                {frechet ? `${frechet.floor.toPrecision(3)}, ${counted(frechet.crops, 'crop')} a side` : ''}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <p className="soft">
        On {counted(found.crops, 'crop')}, each with its slide’s label and judged by other patients’ crops; 95 %
        intervals by patient. Synthetic crops are never among those judged by.
      </p>
      <Button
        component="a"
        href={`/api/runs/${run.id}/report`}
        target="_blank"
        rel="noopener"
        variant="default"
        style={{ alignSelf: 'flex-start', justifySelf: 'start' }}
        data-testid="open-report"
      >
        Open the report
      </Button>
    </>
  );
}

function scoreLabel(score: Score | null): string {
  if (!score) return 'left out';
  const interval =
    score.low === null || score.high === null ? '' : ` (${score.low.toFixed(2)}–${score.high.toFixed(2)})`;
  return `${score.value.toFixed(2)}${interval}`;
}

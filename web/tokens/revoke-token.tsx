'use client';
import { Button } from '@mantine/core';
import type { TokenMessage } from '@stroma/core/http/account';
import { useCallback } from 'react';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Moment } from '../parts/moment.tsx';
import { ProblemView } from '../parts/problem-view.tsx';

export function RevokeToken({
  token,
  onClose,
  onGone,
}: {
  token: TokenMessage | null;
  onClose: () => void;
  onGone: () => void;
}) {
  const revoke = useAction(
    useCallback(
      async (id: number) => {
        await send('DELETE', `/api/tokens/${id}`);
        onGone();
        onClose();
      },
      [onGone, onClose],
    ),
  );
  return (
    <Dialog opened={token !== null} onClose={onClose} title={`Revoke ${token?.name ?? ''}?`} centered>
      <p style={{ marginTop: 0 }}>
        Programs that use this 1 token are refused from now on. It was last used{' '}
        {token?.lastUsedAt ? <Moment at={token.lastUsedAt} /> : 'never'}. It cannot be brought back.
      </p>
      {revoke.problem && <ProblemView compact problem={revoke.problem} />}
      <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8 }}>
        <Button variant="default" onClick={onClose}>
          Keep it
        </Button>
        <Button
          color="red.8"
          loading={revoke.busy}
          onClick={() => token && void revoke.run(token.id)}
          data-testid="confirm-revoke"
        >
          Revoke
        </Button>
      </div>
    </Dialog>
  );
}

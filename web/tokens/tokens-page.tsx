'use client';
import type { TokenMessage } from '@stroma/core/http/account';
import { useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Empty } from '../parts/empty.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { Page, Section } from '../parts/page.tsx';
import { NewToken } from './new-token.tsx';
import { RevokeToken } from './revoke-token.tsx';

export function TokensPage() {
  const list = useJson<{ tokens: TokenMessage[] }>('/api/tokens');
  const [revoking, setRevoking] = useState<TokenMessage | null>(null);
  const again = () => void list.mutate();
  const columns: Column<TokenMessage>[] = [
    { title: 'Token', cell: (token) => token.name },
    { title: 'Made', cell: (token) => <Moment at={token.createdAt} /> },
    {
      title: 'Last used',
      cell: (token) => (token.lastUsedAt ? <Moment at={token.lastUsedAt} /> : <span className="soft">never</span>),
    },
    {
      title: '',
      number: true,
      cell: (token) => (
        <button type="button" className="link" onClick={() => setRevoking(token)}>
          Revoke…<span className="hidden"> {token.name}</span>
        </button>
      ),
    },
  ];
  return (
    <Page
      title="Tokens"
      about={
        <>
          A token lets a program act as you: send it as <span className="mono">Authorization: Bearer …</span>
        </>
      }
    >
      <NewToken onMade={again} />
      <Section title="Your tokens">
        <Answer of={list} what="tokens">
          {({ tokens }) =>
            tokens.length > 0 ? (
              <ListTable label="Tokens" columns={columns} rows={tokens} rowKey={(token) => token.id} />
            ) : (
              <Empty title="No tokens yet" />
            )
          }
        </Answer>
      </Section>
      <RevokeToken token={revoking} onClose={() => setRevoking(null)} onGone={again} />
    </Page>
  );
}

'use client';
import { Button, CopyButton, TextInput } from '@mantine/core';
import type { TokenAnswer } from '@stroma/core/http/account';
import { type FormEvent, useCallback, useState } from 'react';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './tokens.module.css';

/** Makes a token and shows it this once; the server keeps only its hash. */
export function NewToken({ onMade }: { onMade: () => void }) {
  const [name, setName] = useState('');
  const [made, setMade] = useState<TokenAnswer | null>(null);
  const make = useAction(
    useCallback(
      async (wanted: string) => {
        setMade(await send<TokenAnswer>('POST', '/api/tokens', { name: wanted }));
        setName('');
        onMade();
      },
      [onMade],
    ),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') void make.run(name.trim());
  };
  return (
    <>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label="New token"
          placeholder="What it is for, e.g. nightly upload"
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          w={300}
          data-testid="token-name"
        />
        <Button type="submit" disabled={name.trim() === ''} loading={make.busy} data-testid="make-token">
          Make token
        </Button>
      </form>
      {make.problem && <ProblemView compact problem={make.problem} />}
      {made && (
        <div className={classes.made} role="status">
          <strong>{made.name}: copy it now, it is not shown again.</strong>
          <div className={classes.secret}>
            <code data-testid="token-value">{made.token}</code>
            <CopyButton value={made.token}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
            <Button variant="subtle" color="gray" onClick={() => setMade(null)}>
              I have it
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

import { expect, test } from '../fixtures.ts'

test('changes by another process appear without a reload', async ({ board, cli, home, open }) => {
  await open()
  await expect(board.page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()

  const id = await home.create('Rename the option', '--priority', '3')
  await expect(board.cardIn('Ready', 'Rename the option')).toContainText('▲3')

  await cli('edit', id, '--title', 'Rename the flag')
  await expect(board.cardIn('Ready', 'Rename the flag')).toBeVisible()
  await expect(board.card('Rename the option')).toBeHidden()

  await cli('block', id, '--reason', 'Which name?')
  await expect(board.cardIn('Blocked', 'Rename the flag')).toContainText('Which name?')

  await cli('complete', id, '--summary', 'It is called --flag now')
  await expect(board.cardIn('Done', 'Rename the flag')).toBeVisible()
  await expect(board.column('Ready')).toHaveAccessibleName('Ready, 0 tasks')

  await cli('archive', id)
  await expect(board.card('Rename the flag')).toBeHidden()
})

test('a ready card says why it does not run', async ({ board, cli, home, open }) => {
  await home.addProfile('idle', 'true')
  const [nobody, unknown] = [
    await home.create('Nobody does it'),
    await home.create('A stranger does it', '--assignee', 'stranger'),
  ]
  await home.create('It is parked', '--assignee', 'idle', '--hold')
  await open()
  for (const [title, id] of [
    ['Nobody does it', nobody],
    ['A stranger does it', unknown],
  ] as const) {
    const { why } = await cli.json<{ why: { sentence: string } }>('why', id)
    await expect(board.cardIn('Ready', title)).toContainText(why.sentence)
  }
  await expect(board.cardIn('Ready', 'It is parked')).toContainText('held until you release it')

  await board.press(board.card('It is parked'), 'Release')
  await expect(
    board.cardIn('Running', 'It is parked').or(board.cardIn('Blocked', 'It is parked')),
  ).toBeVisible()
})

test('a running card shows its progress: time, output, heartbeat', async ({ board, home, open }) => {
  await home.addProfile(
    'beating',
    `echo working; runboard heartbeat --note 'two of three parts'; ${home.gate('end')}; runboard complete --summary ok`,
  )
  await open()
  await home.create('Build the parts', '--assignee', 'beating')
  const card = board.cardIn('Running', 'Build the parts')
  await expect(card).toContainText('two of three parts')
  await expect(card).toContainText(/output/)
  home.openGate('end')
  await expect(board.cardIn('Done', 'Build the parts')).toBeVisible()
})

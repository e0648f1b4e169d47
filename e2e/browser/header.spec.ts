import { expect, test } from '../fixtures.ts'

test('the header fits every width, and its icons have names where there is no room for labels', async ({
  cli,
  home,
  open,
  page,
}) => {
  await cli('boards', 'rename', 'work', 'A board with a rather long name')
  const id = await home.create('Paint the door')
  await open()
  const header = page.getByRole('banner')
  const overflow = () => header.evaluate((element) => element.scrollWidth - element.clientWidth)
  for (const width of [600, 900, 1024, 1280, 1440, 1920]) {
    await page.setViewportSize({ width, height: 800 })
    await expect.poll(overflow).toBe(0)
    for (const name of ['Board', 'Inbox', 'Runs', 'Workers', 'Graph', 'Workflows'])
      await expect(header.getByRole('link', { name })).toBeInViewport()
    for (const name of ['Search and commands', 'Settings', 'New task'])
      await expect(header.getByRole('button', { name })).toBeInViewport()
    await expect(header.getByText('Search', { exact: true })).toBeVisible({ visible: width >= 1440 })
  }
  // An open task takes room from it.
  await open(`/board/work/task/${id}`)
  await expect(header.getByText('Search', { exact: true })).toBeHidden()
  await expect.poll(overflow).toBe(0)
})

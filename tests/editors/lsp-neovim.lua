-- Diagnostics, hover, a quick fix, fixAll, and formatting on save, in Neovim 0.7 and later.
local function fail(text)
  io.stderr:write("FAULT: " .. text .. "\n")
  vim.cmd("cquit 1")
end

local function wait(what, ready)
  if not vim.wait(20000, ready, 20) then
    fail("waited in vain for " .. what)
  end
end

local function text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
end

local function file(name)
  local open = assert(io.open(name, "rb"))
  local all = open:read("*a")
  open:close()
  return all
end

local function same(what, have, want)
  if have ~= want then
    fail(what .. ":\n" .. have .. "\ninstead of:\n" .. want)
  end
end

local buffer = vim.api.nvim_get_current_buf()
local original, fixed = text(buffer), file("fixed")
local client_id = vim.lsp.start_client({ name = "unroot", cmd = { vim.env.UNROOT, "lsp" }, root_dir = vim.fn.getcwd() })
vim.bo.filetype = "dockerfile"
vim.lsp.buf_attach_client(buffer, client_id)
local client = vim.lsp.get_client_by_id(client_id)
wait("the server", function()
  return client.initialized
end)

local function ask(method, params)
  params.textDocument = vim.lsp.util.make_text_document_params(buffer)
  local answer, problem = client.request_sync(method, params, 20000, buffer)
  if not answer or answer.err then
    fail(method .. ": " .. vim.inspect(answer and answer.err or problem))
  end
  return answer.result
end

local function actions(line, only)
  local range = { start = { line = line, character = 0 }, ["end"] = { line = line, character = 0 } }
  return ask("textDocument/codeAction", { range = range, context = { diagnostics = {}, only = only } })
end

local function codes()
  local all = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(all, diagnostic.lnum .. " " .. diagnostic.code)
  end
  table.sort(all)
  return table.concat(all, ", ")
end

-- Each once.
wait("diagnostics", function()
  return codes() ~= ""
end)
same("diagnostics", codes(), "1 unwritable-path, 2 copy-without-chown, 3 run-as-root")

-- The evidence.
local hover = ask("textDocument/hover", { position = { line = 0, character = 1 } })
if not hover.contents.value:find("It runs as root", 1, true) then
  fail("hover: " .. hover.contents.value)
end

-- A quick fix, and one undo.
local fix = actions(3, { "quickfix" })[1]
vim.lsp.util.apply_workspace_edit(fix.edit, client.offset_encoding)
same("the quick fix", text(buffer), fixed)
wait("no diagnostics", function()
  return codes() == ""
end)
vim.cmd("undo")
same("undo", text(buffer), original)

-- Typing: the server follows.
vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { "# 🐳 é" })
vim.cmd("normal! ggOARG X=🐳")
vim.cmd("normal! ggdd")
vim.cmd("undo")
same("the server's text", ask("unroot/viewText", {}).text, text(buffer))
vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(original:gsub("\n$", ""), "\n"))

-- All safe fixes.
local all = actions(0, { "source.fixAll.unroot" })
same("the number of fixAll actions", tostring(#all), "1")
vim.lsp.util.apply_workspace_edit(all[1].edit, client.offset_encoding)
same("fixAll", text(buffer), fixed)
vim.cmd("undo")

-- Formatting on save.
local function format()
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = 20000 })
  else
    vim.lsp.buf.formatting_sync(nil, 20000)
  end
end
vim.api.nvim_create_autocmd("BufWritePre", { buffer = buffer, callback = format })
vim.cmd("write")
same("the file", file("Dockerfile"), fixed)
vim.cmd("undo")
same("undo of formatting", text(buffer), original)

vim.lsp.stop_client(client_id)
wait("the end", function()
  return client.is_stopped()
end)

-- Neovim's own client for `unroot lsp`: diagnostics, quick fixes, hover. Neovim 0.7 and later.
-- Copy it to ~/.config/nvim/plugin/.
--
-- vim.g.unroot_command = { "/opt/unroot/bin/unroot", "lsp" }  -- default: unroot in PATH
-- vim.g.unroot_fix_on_save = true                             -- safe fixes, when a Dockerfile is written

local FIX_ALL = "source.fixAll.unroot"
local PATIENCE = 2000 -- milliseconds that writing a file may wait
local client

local function attach(buffer)
  client = client and vim.lsp.get_client_by_id(client) and client
    or vim.lsp.start_client({
      name = "unroot",
      cmd = vim.g.unroot_command or { "unroot", "lsp" },
      root_dir = vim.fn.getcwd(),
      init_options = { formatting = false },
    })
  if client then
    vim.lsp.buf_attach_client(buffer, client)
  end
end

local function whole(buffer)
  return {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = { start = { line = 0, character = 0 }, ["end"] = { line = vim.api.nvim_buf_line_count(buffer), character = 0 } },
    context = { only = { FIX_ALL }, diagnostics = {} },
  }
end

local function fix(buffer)
  local server = client and vim.lsp.get_client_by_id(client)
  local answer = server and server.request_sync("textDocument/codeAction", whole(buffer), PATIENCE, buffer)
  for _, action in ipairs(answer and answer.result or {}) do
    if action.kind == FIX_ALL and action.edit then
      vim.lsp.util.apply_workspace_edit(action.edit, server.offset_encoding)
    end
  end
end

local group = vim.api.nvim_create_augroup("unroot", {})

vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = "dockerfile",
  callback = function(event)
    attach(event.buf)
  end,
})

vim.api.nvim_create_autocmd("BufWritePre", {
  group = group,
  callback = function(event)
    if vim.g.unroot_fix_on_save and vim.bo[event.buf].filetype == "dockerfile" then
      fix(event.buf)
    end
  end,
})

vim.api.nvim_create_user_command("UnrootFix", function()
  fix(vim.api.nvim_get_current_buf())
end, { desc = "Make the safe fixes of unroot" })

-- mod_lua runs this (lua.conf.xml.sample) whenever a phone's REFER names, in Replaces, a call that FreeSWITCH does not have.
-- FreeSWITCH then makes a dial string of the REFER's own words, unescaped. What channels.xml.sample puts at its end holds
-- for plain words only: by any other sign the phone would write the dial string itself, so its call is ended first.
local plain = "^[%w%%%.%-_=;&@~]*$"
local said = (params:getHeader("refer-to-params") or "") .. (params:getHeader("refer-to-headers") or "")

if params:getHeader("purpose") == "nightmare_xfer" and not said:match(plain) then
  freeswitch.API():execute("uuid_kill", params:getHeader("refer-from-channel-id") .. " CALL_REJECTED")
end
